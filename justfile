# Front door. Every recipe is one command that also works without `just`.

# list what can be done
default:
    @just --list --unsorted

# build, run the whole loop on an embedded synthetic market in paper, show what happened
demo *args:
    cargo run --release -p zero -- demo {{args}}

# formatting, lints, every test, generated docs: what CI runs
test:
    scripts/test.sh

# speed and memory, with spread, sink and floor; `just bench ema` for a part
bench *args:
    scripts/bench.sh {{args}}

# full-size campaigns, digests of builds, agreement and speed beside other engines; `just evidence kills` for a part
evidence *args:
    scripts/evidence.sh {{args}}

# write the generated docs anew
docs:
    scripts/docs.sh

# format, and apply what clippy can mend by itself
fix:
    scripts/fix.sh
