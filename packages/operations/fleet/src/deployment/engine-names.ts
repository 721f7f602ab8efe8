/** Names of engines: `hadal-engine`, with the model appended if there are several. Pure. */

/** Pods add their own ends to it, and labels have 63 characters. */
const longest = 50

/** Different for each model, and deterministic. */
export function engineNames(name: string, models: readonly { readonly id: string }[]): readonly string[] {
  if (models.length <= 1) return models.map(() => `${name}-engine`)
  const room = longest - `${name}-engine-`.length
  const slugs = models.map(({ id }) => slugOf(id))
  return slugs.map((slug, at) => {
    const isPlain = slug !== '' && slug.length <= room && slugs.indexOf(slug) === slugs.lastIndexOf(slug)
    const end = isPlain ? slug : shortened(slug, models[at]!.id, room)
    return `${name}-engine-${end}`
  })
}

const slugOf = (id: string): string =>
  id
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')

function shortened(slug: string, id: string, room: number): string {
  const sum = checksum(id)
  const kept = slug.slice(0, Math.max(0, room - sum.length - 1)).replace(/-+$/, '')
  return kept === '' ? sum : `${kept}-${sum}`
}

/** FNV-1a, in 6 letters and digits at most. */
function checksum(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash.toString(36).slice(0, 6)
}
