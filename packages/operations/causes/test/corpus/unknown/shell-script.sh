#!/bin/bash
set -euo pipefail
if dmesg | grep -q "NVRM: Xid"; then
  echo "NVRM: Xid (PCI:0000:01:00): 79 was seen, the GPU is lost" >&2
  exit 1
fi
kubectl get pods | grep -q OOMKilled && echo "a pod was OOMKilled"
