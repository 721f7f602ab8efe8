#!/bin/sh
# Manifests into deploy/, and what a linter says of them. Needs no cluster.
set -eu

hadal deploy render
hadal deploy lint
