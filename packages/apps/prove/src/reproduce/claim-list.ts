/** Lists every claim with its requirements and duration. */

import type { Style } from '@hadal/output'
import { formatTable, recognise, say, wrapText } from '@hadal/output'
import type { Claim } from '../claim.ts'

export function claimList(claims: readonly Claim[], style: Style, columns: number): string {
  const seconds = claims.reduce((sum, claim) => sum + claim.quickSeconds, 0)
  const minutes = claims.reduce((sum, claim) => sum + claim.fullMinutes, 0)
  const rows = claims.map(({ id, needs, quickSeconds, fullMinutes }) => [
    style.cyan(id),
    `${quickSeconds} s`,
    `${fullMinutes} min`,
    needs.join(', ') || '–',
  ])
  const heads = [say`claim`, '--quick', '--full', say`needs`].map(style.dim)
  const sums = ['', `${seconds} s`, `${minutes} min`, ''].map(style.dim)
  const table = formatTable([heads, ...rows, sums], ['left', 'right', 'right', 'left'])
  const what = claims.map(({ id, title, claimed }) =>
    [style.cyan(id), ...wrapText(`${recognise(title)}: ${recognise(claimed)}`, columns, '  ')].join('\n'),
  )
  return [what.join('\n'), table, style.dim(say`times on 2 cores`)].join('\n\n')
}
