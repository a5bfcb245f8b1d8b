# The two commands of the README, and what CI runs.

.PHONY: demo test check fmt

# Build xform, then build the example project with it.
demo:
	scripts/cargo.sh run -- build

test:
	scripts/cargo.sh test

# What every change has to pass.
check:
	.ci/run

fmt:
	scripts/cargo.sh fmt
