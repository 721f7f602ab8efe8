/**
 * Manifests as YAML that people read: block style, the order of the objects' own keys, each text such that readers of YAML 1.1 and
 * of 1.2 take it for a text.
 */

import { Document, isScalar, visit } from 'yaml'
import type { Manifest } from '../manifest.ts'

/**
 * Several documents in one file, below a comment.
 *
 * @example
 * ```ts
 * import { toYaml } from '@hadal/fleet'
 *
 * toYaml([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'chat' } }]) // → 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: chat\n'
 * ```
 */
export function toYaml(manifests: readonly Manifest[], comment?: string): string {
  return withComment(manifests.map((manifest) => toYamlDocument(manifest)).join('---\n'), comment)
}

/** One value. Fields that are undefined are left out. */
export function toYamlDocument(value: unknown): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false, merge: false })
  visit(document, {
    Scalar(_, node) {
      if (!isScalar(node) || typeof node.value !== 'string') return
      if (node.value.includes('\n')) {
        // A literal block cannot say where a text begins that begins with blanks, so such texts are quoted.
        if (!/^\s/.test(node.value)) node.type = 'BLOCK_LITERAL'
      } else if (isMisread(node.value)) node.type = 'QUOTE_DOUBLE'
    },
  })
  // Only strict parsers need the %YAML directive; kubectl does not.
  return document.toString({ lineWidth: 0, directives: false, indentSeq: true })
}

/** Put above, each line with its #. */
export function withComment(yaml: string, comment: string | undefined): string {
  if (comment === undefined) return yaml
  const lines = comment.split('\n').map((line) => (line === '' ? '#' : `# ${line}`))
  return `${lines.join('\n')}\n${yaml}`
}

const words = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null', 'nan', '<<', '='])
/** Starts like a number, but no reader parses it as one: `16Gi`, `500m`, `15s`. */
const amount = /^\d+(\.\d+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi|s|h|d|w|%)$/

/**
 * Whether some reader takes the plain text for a number, a truth, a date or nothing: YAML 1.1 has `on`, `08`, `1_000`, `12:30`, YAML
 * 1.2 has `0o7` and `1e3`. Text that begins with a letter is never read as a number. (Other quotes are added by the writer.)
 */
function isMisread(text: string): boolean {
  if (words.has(text.toLowerCase())) return true
  return /^[-+]?\.?(\d|inf$|nan$)/i.test(text) && !amount.test(text)
}
