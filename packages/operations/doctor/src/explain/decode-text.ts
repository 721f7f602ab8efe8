/**
 * Bytes of a log as text, whatever wrote them: UTF-8, UTF-16 of PowerShell with its mark or without, Latin-1 of older programs.
 *
 * @internal
 */

export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return decode('utf-16le', bytes)
  if (first === 0xfe && second === 0xff) return decode('utf-16be', bytes)
  const wide = unmarkedWide(bytes)
  if (wide !== undefined) return decode(wide, bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const text = decode('utf-8', bytes)
    // A few broken characters are a cut or a torn write; where most that is no ASCII is broken, it is another encoding.
    return isMostlyBroken(text) ? decode('windows-1252', bytes) : text
  }
}

const decode = (encoding: string, bytes: Uint8Array): string => new TextDecoder(encoding).decode(bytes)

const sampleBytes = 4096

/** Plain words in UTF-16 have a zero as every second byte. */
function unmarkedWide(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const sample = bytes.subarray(0, sampleBytes)
  if (sample.length < 4) return undefined
  const zeros = [0, 0]
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2]! += 1
  const most = sample.length * 0.4
  if (zeros[1]! > most && zeros[0]! < most / 8) return 'utf-16le'
  return zeros[0]! > most && zeros[1]! < most / 8 ? 'utf-16be' : undefined
}

function isMostlyBroken(text: string): boolean {
  let broken = 0
  let whole = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0xfffd) broken += 1
    else if (code > 0x7f) whole += 1
  }
  return broken > whole
}
