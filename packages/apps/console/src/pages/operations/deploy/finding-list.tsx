/** Lint findings: rule, location, reason, and fix. */

import type { LintFindingAnswer } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Icon } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { InlineCode } from '../inline-code.tsx'
import { SeverityBadge } from '../severity-badge.tsx'
import { deployWords } from './deploy-words.ts'

export interface FindingListProps {
  readonly findings: readonly LintFindingAnswer[]
  /** Link to the position in the file, if it can be shown. */
  readonly hrefOf?: (finding: LintFindingAnswer) => string
  readonly isOfOneFile?: boolean
}

export function FindingList({ findings, hrefOf, isOfOneFile = false }: FindingListProps): ReactNode {
  const say = useMessages(deployWords)
  return (
    <ul className="ops-findings">
      {findings.map((finding) => {
        const { rule, severity, file, line, object, path, reason, fix, about } = finding
        const place = isOfOneFile ? String(line) : `${file}:${line}`
        return (
          <li key={`${file} ${line} ${path} ${rule} ${reason}`}>
            <div className="row">
              <SeverityBadge severity={severity} />
              <strong>{rule}</strong>
              <span className="spacer" />
              {hrefOf === undefined ? (
                <code className="soft">{place}</code>
              ) : (
                <a href={hrefOf(finding)} title={say.open}>
                  <code>{place}</code>
                </a>
              )}
            </div>
            <p>
              <InlineCode text={reason} />
            </p>
            <p className="soft small ops-breaks">
              {[object, path].filter((each) => each !== '').join(' · ')}
            </p>
            {about !== undefined && <p className="soft small">{about}</p>}
            <p className="ops-fix">
              <Icon name="wrench" label={say.fix} />
              <span>
                <InlineCode text={fix} />
              </span>
            </p>
          </li>
        )
      })}
    </ul>
  )
}
