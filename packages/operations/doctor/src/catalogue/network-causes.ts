/** Connections that are refused, time out, or are not trusted. */

import { advice, plainly, withFigure } from './advice.ts'
import type { Cause } from './cause.ts'
import { errnoPage, nodeErrors } from './sources.ts'

const unreachable: readonly string[] = [
  'torch_store_lost',
  'node_unhandled_rejection',
  'node_uncaught',
  'k8s_probe_failed',
]
const tls = {
  title: 'OpenSSL: verify',
  url: 'https://docs.openssl.org/master/man1/openssl-verification-options/',
}

export const networkCauses: readonly Cause[] = [
  {
    id: 'network_dns',
    family: 'network',
    title: 'A name cannot be resolved',
    severity: 'error',
    weight: 2,
    shows: [
      /\bgetaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?<host>[\w.-]{1,200})/,
      /lookup (?<host>[\w.-]{1,200})(?: on \S{1,60})?: (?:no such host|i\/o timeout|server misbehaving)/,
      /Could not resolve host: (?<host>[\w.-]{1,200})/i,
      /Temporary failure in name resolution|Name or service not known|nodename nor servname provided/,
      /Failed to resolve '(?<host>[\w.-]{1,200})'|NameResolutionError/,
    ],
    explains: unreachable,
    says: ({ host }) =>
      `The name${withFigure(host, (name) => ` ${name}`)} is not known to the name servers, or they do not answer.`,
    fix: ({ host }) => ({
      text: 'Look for a slip in the name; ask the name server from the same machine or pod.',
      command: `getent hosts ${host ?? 'HOST'}; cat /etc/resolv.conf`,
    }),
    source: nodeErrors,
  },
  {
    id: 'network_refused',
    family: 'network',
    title: 'A connection was refused',
    severity: 'error',
    shows: [
      /(?<!=")\bECONNREFUSED\b(?: (?<host>[\w.:[\]-]{1,80}):(?<port>\d{1,5}))?/,
      /(?:dial tcp|connect(?:ion)? to|connecting to) \(?(?<host>[\w.:[\]-]{1,80}):(?<port>\d{1,5})\)?.{0,60}[Cc]onnection refused/,
      /The connection to the server (?<host>[\w.:[\]-]{1,80}):(?<port>\d{1,5}) was refused/,
      /\[Errno 111\] Connection refused|ConnectionRefusedError|connect\(\) failed \(111: Connection refused\)|Connection refused \(os error 111\)/,
      /Failed to connect to (?<host>\S{1,120}) port (?<port>\d{1,5}).{0,40}: (?:Connection refused|Couldn't connect)/,
    ],
    explains: unreachable,
    says: ({ host, port }) =>
      `Nothing listens${withFigure(host, (name) => ` at ${name}${withFigure(port, (number) => `:${number}`)}`)}: the server is not running, still starting, or listens elsewhere.`,
    fix: ({ port }) => ({
      text: 'See whether the server runs and listens there; in a container 127.0.0.1 is the container itself.',
      command: `ss -ltnp${port === undefined ? '' : ` 'sport = :${port}'`}`,
    }),
    source: errnoPage,
  },
  {
    id: 'network_timeout',
    family: 'network',
    title: 'A connection timed out',
    severity: 'error',
    shows: [
      /\bETIMEDOUT\b(?: (?<host>[\w.:[\]-]{1,80}):(?<port>\d{1,5}))?/,
      /\b(?:UND_ERR_CONNECT_TIMEOUT|ConnectTimeoutError|ConnectTimeout|ESOCKETTIMEDOUT)\b/,
      /\[Errno 110\] Connection timed out|Connection timed out \(os error 110\)/,
      /dial tcp (?<host>[\w.:[\]-]{1,80}):(?<port>\d{1,5}): (?:i\/o timeout|connect: connection timed out)/,
    ],
    explains: unreachable,
    says: ({ host, port }) =>
      `Nobody answered${withFigure(host, (name) => ` at ${name}${withFigure(port, (number) => `:${number}`)}`)}: a firewall, a network policy or a proxy drops the packets, or the other machine is down.`,
    fix: ({ host, port }) => ({
      text: 'Try the same connection by hand from the same place, and look at firewalls, network policies and proxies.',
      command: `nc -vz -w 5 ${host ?? 'HOST'} ${port ?? 'PORT'}; env | grep -i proxy`,
    }),
    source: errnoPage,
  },
  {
    id: 'network_no_route',
    family: 'network',
    title: 'There is no way to the other machine',
    severity: 'error',
    shows: [
      /\b(?:EHOSTUNREACH|ENETUNREACH)\b(?: (?<host>[\w.:[\]-]{1,80}))?/,
      /No route to host|Network is unreachable/,
    ],
    explains: unreachable,
    says: ({ host }) =>
      `The network knows no way${withFigure(host, (name) => ` to ${name}`)}, or a firewall says so.`,
    fix: advice(
      'See routes and interfaces; without IPv6, see that the name does not give such an address first.',
      'ip route get ADDRESS; ip -brief addr',
    ),
    source: errnoPage,
  },
  {
    id: 'network_reset',
    family: 'network',
    title: 'A connection was cut',
    severity: 'warning',
    weight: -1,
    shows: [
      /\bECONNRESET\b/,
      /Connection reset by peer/,
      /\bsocket hang up\b/,
      /\bUND_ERR_SOCKET\b.{0,60}other side closed/,
    ],
    explains: [],
    says: plainly(
      'The other side, or something between, ended the connection: it crashed, was restarted, or has a shorter time limit.',
    ),
    fix: advice(
      'Look at what the other side logged at that moment; keep-alive there has to last longer than here.',
    ),
    source: errnoPage,
  },
  {
    id: 'network_tls',
    family: 'network',
    title: 'A certificate is not trusted',
    severity: 'error',
    weight: 5,
    shows: [
      /\b(?<code>CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|ERR_TLS_CERT_ALTNAME_INVALID)\b/,
      /CERTIFICATE_VERIFY_FAILED\]? certificate verify failed: (?<code>[\w ]{1,80})/,
      /x509: (?<code>certificate (?:signed by unknown authority|has expired or is not yet valid|is valid for .{1,80}, not .{1,80})|cannot validate certificate for .{1,80})/,
      /SSL certificate problem: (?<code>.{1,80})/,
    ],
    explains: unreachable,
    says: ({ code }) =>
      `The certificate of the other side was not accepted${withFigure(code, (text) => ` (${text})`)}: expired, for another name, or signed by an authority that is not known here, such as a proxy's. A clock that is wrong does the same.`,
    fix: advice(
      'Look at the certificate and the clock; make the authority known instead of switching checks off.',
      'openssl s_client -connect HOST:443 -servername HOST </dev/null | openssl x509 -noout -dates -subject -issuer; date; export NODE_EXTRA_CA_CERTS=FILE',
    ),
    source: tls,
  },
  {
    id: 'network_proxy',
    family: 'network',
    title: 'The proxy wants a login',
    severity: 'error',
    weight: 4,
    shows: [
      /407 Proxy Authentication Required/i,
      /ProxyError\b.{0,160}/,
      /Received HTTP code (?<code>\d{3}) from proxy after CONNECT/,
    ],
    explains: ['network_timeout', ...unreachable],
    says: ({ code }) =>
      `The proxy did not let the connection through${withFigure(code, (text) => ` (HTTP ${text})`)}.`,
    fix: advice(
      'Give user and password in HTTPS_PROXY, or name hosts inside in NO_PROXY.',
      'env | grep -i proxy',
    ),
    source: {
      title: 'RFC 9110: 407 Proxy Authentication Required',
      url: 'https://www.rfc-editor.org/rfc/rfc9110#name-407-proxy-authentication-re',
    },
  },
]
