#!/usr/bin/env bash
# Puts the raw events of the example project into a bucket; usage: load_raw_s3.sh BUCKET [FOLDER]
#
# The keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the region is AWS_REGION (us-east-1),
# another service than Amazon's is AWS_ENDPOINT_URL. The bucket is made where it is missing.
# Prints what to set for `xform build --target s3`.
set -euo pipefail

bucket=${1:?usage: $0 BUCKET [FOLDER]}
folder=${2:-data/raw}
region=${AWS_REGION:-us-east-1}
url=${AWS_ENDPOINT_URL:-https://s3.$region.amazonaws.com}

put() { # address, further arguments of curl
    curl --silent --show-error --fail --request PUT --aws-sigv4 "aws:amz:$region:s3" \
        --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@" >/dev/null
}

put "$url/$bucket" 2>/dev/null || true
(cd "$folder" && find . -type f) | while IFS= read -r file; do
    put "$url/$bucket/raw/${file#./}" --upload-file "$folder/$file"
done

echo "export JANGTEO_RAW=s3://$bucket/raw"
if [[ -n ${AWS_ENDPOINT_URL:-} ]]; then
    address=${url#*://}
    echo "export JANGTEO_S3_ENDPOINT=${address%/} JANGTEO_S3_URL_STYLE=path"
    [[ $url == https://* ]] || echo "export JANGTEO_S3_USE_SSL=false"
fi
