/** Rendered files: folders at the left, the one that is open at the right, with its findings. */

import type { DeployText } from '@hadal/protocol'
import { type ReactNode, useMemo, useState } from 'react'
import { usePolled } from '../../../api/use-polled.ts'
import {
  Card,
  CodeBlock,
  CopyButton,
  Disclosure,
  ErrorState,
  Icon,
  Skeleton,
  TextField,
} from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { hrefOf, useRoute } from '../../../shell/route.ts'
import type { DeployPartProps } from './deploy-part-props.ts'
import { deployWords } from './deploy-words.ts'
import { fileTree, type TreeFolder } from './file-tree.ts'
import { FindingList } from './finding-list.tsx'
import { NumberedText } from './numbered-text.tsx'

export function FilesView({ deployment }: DeployPartProps): ReactNode {
  const say = useMessages(deployWords)
  const { query } = useRoute()
  const [sought, setSought] = useState('')
  const { files, lint } = deployment
  const open = files.find(({ path }) => path === query.get('file'))?.path ?? firstOf(files)
  const tree = useMemo(() => {
    const wanted = sought.trim().toLowerCase()
    return fileTree(files.map(({ path }) => path).filter((path) => path.toLowerCase().includes(wanted)))
  }, [files, sought])
  const counts = new Map<string, number>()
  for (const { file } of lint.findings) counts.set(file, (counts.get(file) ?? 0) + 1)
  return (
    <div className="ops-stack">
      <div className="ops-files">
        <nav className="ops-tree" aria-label={say.fileTree}>
          <TextField
            label={say.search}
            isLabelHidden
            type="search"
            placeholder={say.search}
            value={sought}
            onChange={setSought}
          />
          {tree.folders.length + tree.files.length === 0 ? (
            <p className="soft small">{say.noFile}</p>
          ) : (
            <Folder folder={tree} open={open} counts={counts} isSearch={sought.trim() !== ''} />
          )}
        </nav>
        {open === undefined ? null : <OpenFile key={open} path={open} deployment={deployment} />}
      </div>
      <SecretCard deployment={deployment} />
    </div>
  )
}

/** Engines first, as the most relevant. */
const firstOf = (files: readonly { readonly path: string }[]): string | undefined =>
  (files.find(({ path }) => path === 'base/engine-deployment.yaml') ?? files[0])?.path

interface FolderProps {
  readonly folder: TreeFolder
  readonly open: string | undefined
  readonly counts: ReadonlyMap<string, number>
  readonly isSearch: boolean
}

function Folder({ folder, open, counts, isSearch }: FolderProps): ReactNode {
  const { query } = useRoute()
  const overlay = query.get('overlay')
  return (
    <ul>
      {folder.folders.map((each) => (
        <li key={each.path}>
          <details open={isSearch || each.path === 'base' || open?.startsWith(`${each.path}/`)}>
            <summary>
              <Icon name="right" />
              {each.name}
            </summary>
            <Folder folder={each} open={open} counts={counts} isSearch={isSearch} />
          </details>
        </li>
      ))}
      {folder.files.map(({ name, path }) => (
        <li key={path}>
          <a
            href={hrefOf('operations', ['deploy', 'manifests'], {
              ...(overlay !== null && { overlay }),
              file: path,
            })}
            aria-current={path === open ? 'true' : undefined}
          >
            <Icon name="file" />
            <span className="ops-file-name">{name}</span>
            {counts.has(path) && <span className="count">{counts.get(path)}</span>}
          </a>
        </li>
      ))}
    </ul>
  )
}

function OpenFile({ path, deployment }: DeployPartProps & { readonly path: string }): ReactNode {
  const say = useMessages(deployWords)
  const { query } = useRoute()
  const { overlay, lint } = deployment
  const requested = new URLSearchParams({ path, ...(overlay !== undefined && { overlay }) })
  const { data, error, isLoading, refresh } = usePolled<DeployText>(`/hadal/deploy/file?${requested}`)
  const findings = lint.findings.filter(({ file }) => file === path)
  const line = Number(query.get('line') ?? 0)
  return (
    <div className="ops-open">
      <div className="ops-open-head">
        <code>{path}</code>
        <span className="spacer" />
        {data !== undefined && <CopyButton text={data.text} />}
      </div>
      {findings.length > 0 && (
        <Disclosure summary={say.folderFindings(findings.length)}>
          <FindingList findings={findings} isOfOneFile />
        </Disclosure>
      )}
      {error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {isLoading && <Skeleton lines={16} />}
      {data !== undefined && (
        <NumberedText
          text={data.text}
          label={path}
          line={line > 0 ? line : undefined}
          marked={new Set(findings.map((each) => each.line))}
        />
      )}
    </div>
  )
}

function SecretCard({ deployment }: DeployPartProps): ReactNode {
  const say = useMessages(deployWords)
  const { secretName, namespace, secretKeys, files, overlay } = deployment
  const makesNamespace = files.some(({ path }) => path === 'base/namespace.yaml')
  const needed = secretKeys.filter(({ optional }) => !optional)
  const flag = overlay === undefined ? '' : ` --overlay ${overlay}`
  const commands = [
    `hadal deploy render${flag}`,
    ...(makesNamespace ? ['kubectl apply -f deploy/base/namespace.yaml'] : []),
    ...(needed.length === 0
      ? []
      : [
          `kubectl -n ${namespace} create secret generic ${secretName} ${needed.map(({ key }) => `--from-file=${key}=FILE`).join(' ')}`,
        ]),
    `hadal deploy plan${flag}`,
    `hadal deploy apply${flag}`,
  ]
  return (
    <Card
      title={say.secretTitle}
      lead={secretKeys.length === 0 ? undefined : say.secretLead(secretName, namespace)}
    >
      {secretKeys.length === 0 ? null : (
        <ul className="ops-keys">
          {secretKeys.map(({ key, variable, optional }) => (
            <li key={key}>
              <code>{key}</code> <Icon name="arrow" /> <code>{variable}</code>{' '}
              <span className="soft">{optional ? say.optional : say.needed}</span>
            </li>
          ))}
        </ul>
      )}
      <CodeBlock label={say.apply} language="sh" code={commands.join('\n')} />
    </Card>
  )
}
