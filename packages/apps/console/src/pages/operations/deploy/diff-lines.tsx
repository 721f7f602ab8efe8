/** Differences as they are read: files by their lines, objects of a cluster by their fields. */

import type { DeployDiffAnswer, FileDiff, ObjectDiff } from '@hadal/protocol'
import type { ReactNode } from 'react'
import { Badge, Disclosure, Notice } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { deployWords } from './deploy-words.ts'

const tones = { added: 'good', removed: 'bad', changed: 'warn', unserved: 'plain' } as const

export interface DiffsProps<Kind extends DeployDiffAnswer['kind']> {
  readonly diff: Extract<DeployDiffAnswer, { readonly kind: Kind }>
  /** Display name of the comparison target. */
  readonly other: string
}

export function FileDiffs({ diff, other }: DiffsProps<'files'>): ReactNode {
  const say = useMessages(deployWords)
  const { files, unchanged } = diff
  if (files.length === 0) return <Notice tone="good">{say.nothingDiffers}</Notice>
  return (
    <>
      <p className="soft small">
        {say.legend(other)} · {say.unchanged(unchanged)}
      </p>
      {files.map((file, index) => (
        <Disclosure key={file.path} isOpenAtFirst={index < 3} summary={<FileHead file={file} />}>
          <Hunks file={file} />
        </Disclosure>
      ))}
    </>
  )
}

function FileHead({ file: { path, change, added, removed } }: { readonly file: FileDiff }): ReactNode {
  const say = useMessages(deployWords)
  return (
    <span className="ops-diff-head">
      <code>{path}</code>
      <Badge tone={tones[change]}>{say[change]}</Badge>
      <span className="number small" title={say.changedLines(added, removed)}>
        <span className="good">+{added}</span> <span className="bad">−{removed}</span>
      </span>
    </span>
  )
}

const signs = { same: ' ', added: '+', removed: '−' } as const

function Hunks({ file: { path, hunks, isCut } }: { readonly file: FileDiff }): ReactNode {
  const say = useMessages(deployWords)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <section className="ops-text ops-diff" aria-label={path} tabIndex={0}>
        <pre>
          {hunks.map(({ beforeLine, afterLine, lines }) => (
            <span key={`${beforeLine} ${afterLine}`}>
              <span className="ops-diff-place">{`@@ ${beforeLine} → ${afterLine} @@\n`}</span>
              {lines.map(({ kind, text }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines of one difference do not move
                <span key={index} className={`ops-diff-line ops-diff-${kind}`}>
                  {`${signs[kind]} ${text}\n`}
                </span>
              ))}
            </span>
          ))}
        </pre>
      </section>
      {isCut && <p className="soft small">{say.cut}</p>}
    </>
  )
}

export function ObjectDiffs({ diff, other }: DiffsProps<'objects'>): ReactNode {
  const say = useMessages(deployWords)
  const { objects, warnings, server, context, namespace, unchanged } = diff
  return (
    <>
      <p className="soft small">
        {say.requested(server, context, namespace)} · {say.unchanged(unchanged)}
      </p>
      {warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      {objects.length === 0 && <Notice tone="good">{say.nothingDiffers}</Notice>}
      {objects.some(({ fields }) => fields.length > 0) && <p className="soft small">{say.legend(other)}</p>}
      {objects.map((object) =>
        object.fields.length === 0 ? (
          <ObjectHead key={object.name} object={object} />
        ) : (
          <Disclosure key={object.name} isOpenAtFirst summary={<ObjectHead object={object} />}>
            <Fields object={object} />
          </Disclosure>
        ),
      )}
    </>
  )
}

function ObjectHead({ object: { name, change, restartsPods } }: { readonly object: ObjectDiff }): ReactNode {
  const say = useMessages(deployWords)
  return (
    <span className="ops-diff-head">
      <code>{name}</code>
      <Badge tone={tones[change]}>{say[change]}</Badge>
      {restartsPods && <Badge tone="warn">{say.restarts}</Badge>}
    </span>
  )
}

function Fields({ object: { name, fields } }: { readonly object: ObjectDiff }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <section className="ops-text ops-diff" aria-label={name} tabIndex={0}>
      <pre>
        {fields.map(({ path, before, after }) => (
          <span key={path}>
            <span className="ops-diff-place">{`${path}\n`}</span>
            {before !== undefined && (
              <span className="ops-diff-line ops-diff-removed">{`− ${before}\n`}</span>
            )}
            {after !== undefined && <span className="ops-diff-line ops-diff-added">{`+ ${after}\n`}</span>}
          </span>
        ))}
      </pre>
    </section>
  )
}
