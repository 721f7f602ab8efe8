/** Values as Python writes them: what the `string` filter of a template was trained with. */

/** A value inside another one, as the interpreter keeps it. */
interface Inner {
  readonly value: unknown
}

/** Python's `str`. `value` is what the interpreter hands to functions: plain at the top, its own values inside. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : represent(value)
}

/** Python's `repr`. */
function represent(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map((inner: Inner) => represent(inner.value)).join(', ')}]`
  if (value instanceof Map)
    return `{${[...(value as Map<string, Inner>)].map(([key, inner]) => `${quoted(key)}: ${represent(inner.value)}`).join(', ')}}`
  return String(value)
}

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replace(/[\\\n\r\t]/g, (char) => JSON.stringify(char).slice(1, -1))
    .replaceAll(mark, `\\${mark}`)
  return `${mark}${escaped}${mark}`
}
