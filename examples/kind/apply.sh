#!/bin/sh
# A cluster in containers, Hadal's image in it, a key, and the service. Needs Docker, kind and kubectl, and a checkout of Hadal for
# the image.
set -eu
checkout=${1:?the folder of a checkout of Hadal}
image="hadal:$(hadal --version)"

docker build --target serve --tag "$image" "$checkout"
kind create cluster --name hadal
kind load docker-image "$image" --name hadal

kubectl --context kind-hadal apply -f deploy/base/namespace.yaml
openssl rand -hex 24 | tr -d '\n' >key
kubectl --context kind-hadal -n hadal create secret generic hadal-secrets --from-file=api-keys=key

hadal deploy apply --context kind-hadal --yes
hadal deploy status --context kind-hadal

echo "kubectl --context kind-hadal -n hadal port-forward service/hadal 8080:8080"
echo "kind delete cluster --name hadal      takes all of it away"
