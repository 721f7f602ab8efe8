/** Patterns that stand for names of models: `*` for any characters, all else for itself. */

export function matchesModel(pattern: string, model: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return pattern === model
  if (!model.startsWith(first) || model.length < first.length + last.length) return false
  const end = model.length - last.length
  if (!model.endsWith(last)) return false
  let from = first.length
  for (const part of rest) {
    const at = model.indexOf(part, from)
    if (at < 0 || at + part.length > end) return false
    from = at + part.length
  }
  return true
}
