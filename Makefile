# Two commands on a fresh machine: `make demo` and `make test`. Each sets up what it needs.
.PHONY: demo test check bench setup

demo: ## the whole job on embedded parts: registry, repository, signed commits; ends by itself
	@scripts/setup.sh demo
	cargo build --locked
	@target/debug/automator demo

test: ## every test, real servers included
	@scripts/setup.sh test
	cargo test --locked

check: ## what CI checks before the tests
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --locked check bans licenses sources; \
	 else echo 'cargo-deny is not installed: bans, licences and sources are not checked (cargo install cargo-deny)'; fi

bench: ## the benchmarks of docs/benchmarks.md
	cargo bench --locked

setup: ## installs the system packages that the tests need
	@scripts/setup.sh test
