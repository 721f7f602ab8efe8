/** Lints the rendered manifests, or pasted or selected ones. */

import type { LintAnswer } from '@hadal/protocol'
import { type ReactNode, useRef, useState } from 'react'
import { ApiError } from '../../../api/api-error.ts'
import { getJson } from '../../../api/request.ts'
import { Button, Card, ErrorState, Notice, TextField } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { hrefOf } from '../../../shell/route.ts'
import { InlineCode } from '../inline-code.tsx'
import { readFiles, sizeOf } from '../read-files.ts'
import { TextFileInput } from '../text-file-input.tsx'
import type { DeployPartProps } from './deploy-part-props.ts'
import { deployWords } from './deploy-words.ts'
import { FindingList } from './finding-list.tsx'

const maxCharacters = 3_000_000

export function LintView({ deployment }: DeployPartProps): ReactNode {
  const say = useMessages(deployWords)
  const { lint, overlay } = deployment
  return (
    <div className="ops-halves">
      <Card title={say.ownFindings} lead={say.ownFindingsLead}>
        {lint.findings.length === 0 ? (
          <Notice tone="good">{say.allWell}</Notice>
        ) : (
          <FindingList
            findings={lint.findings}
            hrefOf={({ file, line }) =>
              hrefOf('operations', ['deploy', 'manifests'], {
                ...(overlay !== undefined && { overlay }),
                file,
                line: String(line),
              })
            }
          />
        )}
      </Card>
      <OthersManifests />
    </div>
  )
}

function OthersManifests(): ReactNode {
  const say = useMessages(deployWords)
  const [text, setText] = useState('')
  const [files, setFiles] = useState<readonly { readonly path: string; readonly text: string }[]>([])
  const [answer, setAnswer] = useState<LintAnswer>()
  const [error, setError] = useState<ApiError>()
  const [isTooLarge, setTooLarge] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const requested = useRef(0)
  const given = [...(text.trim() === '' ? [] : [{ path: say.pasted, text }]), ...files]
  const check = async (): Promise<void> => {
    const round = ++requested.current
    setError(undefined)
    setAnswer(undefined)
    const size = given.reduce((sum, each) => sum + each.text.length, 0)
    setTooLarge(size > maxCharacters)
    if (size > maxCharacters) return
    setBusy(true)
    try {
      const found = await getJson<LintAnswer>('/hadal/deploy/lint', { body: { files: given } })
      if (round === requested.current) setAnswer(found)
    } catch (thrown) {
      if (round === requested.current)
        setError(thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown)))
    }
    setBusy(false)
  }
  const clear = (): void => {
    requested.current += 1
    setText('')
    setFiles([])
    setAnswer(undefined)
    setError(undefined)
    setTooLarge(false)
  }
  return (
    <Card title={say.otherTitle} lead={say.otherLead}>
      <TextField
        label={say.yaml}
        rows={10}
        isCode
        value={text}
        onChange={setText}
        placeholder={'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ...'}
      />
      <div className="row">
        <Button kind="primary" isBusy={isBusy} isDisabled={given.length === 0} onPress={() => void check()}>
          {say.check}
        </Button>
        <TextFileInput
          label={say.choose}
          accept=".yaml,.yml,.json"
          onFiles={async (chosen) => {
            // The end of a manifest is another one.
            const isTooMuch = sizeOf(chosen) > maxCharacters
            setTooLarge(isTooMuch)
            const read = isTooMuch ? [] : await readFiles(chosen, maxCharacters)
            setFiles(read.map(({ name, text: content }) => ({ path: name, text: content })))
          }}
        />
        {files.length > 0 && <span className="soft">{say.chosen(files.length)}</span>}
        <span className="spacer" />
        {given.length > 0 && (
          <Button kind="quiet" onPress={clear}>
            {say.clear}
          </Button>
        )}
      </div>
      {isTooLarge && (
        <Notice tone="warn">
          <InlineCode text={say.tooLarge} />
        </Notice>
      )}
      {error !== undefined && <ErrorState error={error} />}
      {answer !== undefined && (
        <div role="status" className="ops-stack">
          <Notice tone={answer.findings.length === 0 ? 'good' : 'warn'}>
            {say.counts(answer.findings.length, answer.objects)}
          </Notice>
          <FindingList findings={answer.findings} />
        </div>
      )}
    </Card>
  )
}
