// Words and pairs of words of a mail, counted in places that a hash gives them. Nothing is learnt: a vocabulary taken from the mails
// would tell of them.

/** Words of a body that are counted. */
const wordsRead = 400

/** sqrt(count) in each of `places`, of length one in all; zeros where there are no words. */
export function hashedWords(
  { subject, body }: { subject: string; body: string },
  places: number,
): Float32Array {
  const counts = new Float32Array(places)
  for (const feature of featuresOf(subject, body)) {
    const place = hashOf(feature) % places
    counts[place]! += 1
  }
  const sum = counts.reduce((total, count) => total + count, 0)
  return counts.map((count) => Math.sqrt(count / Math.max(1, sum)))
}

function featuresOf(subject: string, body: string): string[] {
  const words = wordsOf(body).slice(0, wordsRead)
  const pairs = words.slice(1).map((word, index) => `${words[index]} ${word}`)
  return [...words, ...pairs, ...wordsOf(subject).map((word) => `subject: ${word}`)]
}

/** Letters in runs; numbers alike; the marks that spam is fond of. */
const wordsOf = (text: string): string[] =>
  (text.toLowerCase().match(/[a-z]+|\d+|[!$%]/g) ?? []).map((word) => (/^\d/.test(word) ? '0' : word))

/** FNV-1a, 32 bits, with its bits mixed once more (murmur3's last step): places are some of its low ones. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
