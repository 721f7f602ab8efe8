/** Explains `fetch failed`: the reason is in its cause. */

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host (is the network there?)',
  EAI_AGAIN: 'the name of the host cannot be looked up (is the network there?)',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  ETIMEDOUT: 'the connection timed out',
  ENETUNREACH: 'there is no network',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was cut',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is signed by an unknown authority (NODE_EXTRA_CA_CERTS names one)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is signed by an unknown authority (NODE_EXTRA_CA_CERTS names one)',
}

export function whyFetchFailed(error: Error): string {
  let cause: unknown = error
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause
  const { code, message } = cause as NodeJS.ErrnoException
  return (code !== undefined && words[code]) || message || String(code)
}
