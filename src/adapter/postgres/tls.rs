use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::profile::{Profile, RootCertificates, Trust};
use crate::adapter::{AdapterError, ErrorKind};

/// How connections of this profile are encrypted.
///
/// # Errors
/// A certificate or key that the profile names cannot be read.
pub(super) fn connector(profile: &Profile) -> Result<MakeRustlsConnect, AdapterError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(format!("TLS cannot be used: {error}")))?;
    let builder = match profile.trust {
        Trust::SignedForHost => builder.with_root_certificates(roots(profile)?),
        Trust::Signed => {
            let verifier = Verifier { roots: Some(roots(profile)?), provider };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
        Trust::Anybody => {
            let verifier = Verifier { roots: None, provider };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
    };
    let config = match &profile.client_certificate {
        None => builder.with_no_client_auth(),
        Some((cert, key)) => {
            let chain = certificates("sslcert", cert)?;
            let secret =
                PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable("sslkey", key, &error))?;
            builder.with_client_auth_cert(chain, secret).map_err(|error| {
                wrong(format!("`sslcert` and `sslkey` cannot be used: {error}"))
                    .help("the key has to be that of the certificate, in PEM and without a passphrase")
            })?
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

fn roots(profile: &Profile) -> Result<RootCertStore, AdapterError> {
    let mut store = RootCertStore::empty();
    match &profile.root_certificates {
        RootCertificates::Public => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        RootCertificates::File(path) => {
            for certificate in certificates("sslrootcert", path)? {
                store.add(certificate).map_err(|error| unreadable("sslrootcert", path, &error))?;
            }
        }
    }
    Ok(store)
}

fn certificates(key: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, AdapterError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let found = found.map_err(|error| unreadable(key, path, &error))?;
    if found.is_empty() {
        return Err(unreadable(key, path, &"there is no certificate in it"));
    }
    Ok(found)
}

fn wrong(message: impl Into<String>) -> AdapterError {
    AdapterError::new(ErrorKind::Connection, message)
}

fn unreadable(key: &str, path: &Path, why: &dyn std::fmt::Display) -> AdapterError {
    wrong(format!("`{key}` of the profile, `{}`, cannot be read: {why}", path.display()))
        .help("name a file in PEM; paths start at the project's folder")
}

/// Trusts whom libpq trusts with `require` and `verify-ca`: rustls by itself has no less than
/// `verify-full`.
#[derive(Debug)]
struct Verifier {
    /// `None` trusts everybody.
    roots: Option<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(roots) = &self.roots {
            let certificate = ParsedCertificate::try_from(end_entity)?;
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                roots,
                intermediates,
                now,
                self.provider.signature_verification_algorithms.all,
            )?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
