/** Image pull failures, as reported by the registry, the network and the kubelet. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { kubernetesImages } from '../sources.ts'

const pull =
  '(?:[Ff]ailed to pull(?: and unpack)? image|[Ee]rror pulling image|ErrImagePull|Error response from daemon)'
const brings: readonly string[] = ['k8s_image_pull', 'k8s_rollout_stuck']

const pulled = (reason: string): RegExp => new RegExp(`${pull}.{0,600}?(?:${reason})`)
export const imageCauses: readonly Cause[] = [
  {
    id: 'k8s_image_missing',
    family: 'kubernetes',
    title: 'The image or its tag does not exist',
    severity: 'error',
    weight: 5,
    shows: [
      new RegExp(
        `${pull}[ :"]{0,4}(?<image>[\\w./:@-]{1,250})?.{0,500}?(?:manifest unknown|: not found|manifest for \\S{1,250} not found|name unknown)`,
      ),
    ],
    explains: brings,
    says: ({ image }) => `The registry has no such image or tag${withFigure(image, (name) => `: ${name}`)}.`,
    fix: advice(
      'Look for a slip in name or tag, and whether it was pushed.',
      'kubectl get pod POD -o jsonpath="{.spec.containers[*].image}"; docker manifest inspect IMAGE',
    ),
    source: kubernetesImages,
  },
  {
    id: 'k8s_image_denied',
    family: 'kubernetes',
    title: 'The registry does not let the node in',
    severity: 'error',
    weight: 5,
    shows: [
      pulled(
        'pull access denied|401 Unauthorized|403 Forbidden|authentication required|no basic auth credentials|insufficient_scope|unauthorized',
      ),
      /Unable to retrieve some image pull secrets \((?<secret>[\w.-]{1,120})\)/,
    ],
    explains: ['k8s_image_missing', ...brings],
    says: ({ secret }) =>
      `The image is private and the pod brings no credentials that the registry takes${withFigure(secret, (name) => `: secret ${name} is missing`)}; registries say so also of names that do not exist.`,
    fix: advice(
      'See whether the name is right; if it is, create the secret in the namespace of the pod and name it in imagePullSecrets.',
      'kubectl create secret docker-registry NAME --docker-server=REGISTRY --docker-username=USER --docker-password=TOKEN',
    ),
    source: kubernetesImages,
  },
  {
    id: 'k8s_image_rate_limit',
    family: 'kubernetes',
    title: 'The registry limits how much is pulled',
    severity: 'error',
    weight: 6,
    shows: [pulled('toomanyrequests|429 Too Many Requests|pull rate limit')],
    explains: ['k8s_image_denied', ...brings],
    says: plainly('The registry has counted too many pulls from this address or user.'),
    fix: advice(
      'Pull with a login, or through a cache of the registry; it goes on by itself after some hours.',
      'kubectl get events --field-selector reason=Failed',
    ),
    source: kubernetesImages,
  },
  {
    id: 'k8s_image_network',
    family: 'kubernetes',
    title: 'The node does not reach the registry',
    severity: 'error',
    weight: 5,
    shows: [
      pulled(
        'no such host|i\\/o timeout|TLS handshake timeout|connection refused|connection reset|context deadline exceeded|x509:|Temporary failure in name resolution|network is unreachable|EOF',
      ),
    ],
    explains: [
      'network_dns',
      'network_timeout',
      'network_refused',
      'network_tls',
      'network_reset',
      'network_no_route',
      ...brings,
    ],
    says: plainly(
      'The node cannot reach the registry or does not trust its certificate: name resolution, proxy, firewall, or a registry that is down.',
    ),
    fix: advice(
      'Try from the node itself.',
      'kubectl debug node/NODE -it --image=busybox -- nslookup REGISTRY',
    ),
    source: kubernetesImages,
  },
  {
    id: 'k8s_image_platform',
    family: 'kubernetes',
    title: 'The image is for another processor',
    severity: 'error',
    weight: 6,
    shows: [
      pulled(
        'no matching manifest for \\S{1,60}|no match for platform in manifest|does not match the specified platform',
      ),
    ],
    explains: ['k8s_image_missing', ...brings],
    says: plainly('The image has no variant for the processor of the node (amd64, arm64).'),
    fix: advice(
      'Build it for that platform, or keep the pod on nodes that fit.',
      'docker buildx build --platform linux/amd64,linux/arm64 .; kubectl get nodes -L kubernetes.io/arch',
    ),
    source: kubernetesImages,
  },
  {
    id: 'k8s_image_disk',
    family: 'kubernetes',
    title: 'The node has no room for the image',
    severity: 'error',
    weight: 6,
    shows: [pulled('no space left on device')],
    explains: ['disk_full', ...brings],
    says: plainly('The disk of the node is full, so the image cannot be unpacked.'),
    fix: advice(
      'Remove unused images, or give the node a larger disk.',
      'crictl rmi --prune; df -h /var/lib/containerd',
    ),
    source: kubernetesImages,
  },
  {
    id: 'k8s_image_name',
    family: 'kubernetes',
    title: 'The name of the image is not valid',
    severity: 'error',
    weight: 5,
    shows: [
      /\bInvalidImageName\b/,
      /(?:couldn't|could not) parse image (?:reference|name) "(?<image>[^"]{1,250})"/,
      /\binvalid reference format\b/,
    ],
    explains: brings,
    says: ({ image }) =>
      `The name of the image cannot be read${withFigure(image, (name) => `: ${name}`)}: a capital letter, a space, or an empty variable.`,
    fix: advice(
      'Look at the name as it stands in the pod.',
      'kubectl get pod POD -o jsonpath="{.spec.containers[*].image}"',
    ),
    source: kubernetesImages,
  },
  {
    id: 'k8s_image_never',
    family: 'kubernetes',
    title: 'The image is not on the node and may not be pulled',
    severity: 'error',
    weight: 5,
    shows: [/\bErrImageNeverPull\b/, /is not present with pull policy of Never/],
    explains: brings,
    says: plainly('imagePullPolicy is Never, and the node does not have the image.'),
    fix: advice('Bring the image onto the node, or set imagePullPolicy: IfNotPresent.', 'crictl images'),
    source: kubernetesImages,
  },
  {
    id: 'k8s_image_pull',
    family: 'kubernetes',
    title: 'The image cannot be pulled',
    severity: 'error',
    weight: -1,
    shows: [
      /\b(?:Init:)?ImagePullBackOff\b/,
      /\b(?:Init:)?ErrImagePull\b/,
      /Back-off pulling image "(?<image>[^"]{1,250})"/,
      /is waiting to start: (?:trying and failing to pull image|image can't be pulled)/,
    ],
    explains: ['k8s_rollout_stuck'],
    says: ({ image }) =>
      `The image${withFigure(image, (name) => ` ${name}`)} does not come; an event before it says why.`,
    fix: advice('Look at the events of the pod.', 'kubectl describe pod POD | grep -A12 Events'),
    source: kubernetesImages,
  },
]
