/** Finds the root cause in a pasted log, with the relevant lines and a fix. */

import type { ExplainAnswer } from '@hadal/protocol'
import { type ReactNode, useRef, useState } from 'react'
import { ApiError } from '../../../api/api-error.ts'
import { getJson } from '../../../api/request.ts'
import { Button, Card, ErrorState, Notice, Skeleton, TextField } from '../../../design/index.ts'
import { useMessages } from '../../../messages/use-messages.ts'
import { readFiles, sizeOf } from '../read-files.ts'
import { TextFileInput } from '../text-file-input.tsx'
import { doctorWords } from './doctor-words.ts'
import { ExplanationView } from './explanation-view.tsx'

/** Bodies of the server have 4 MiB, and a text grows as JSON. */
const maxCharacters = 3_000_000

export function ExplainView(): ReactNode {
  const say = useMessages(doctorWords)
  const [text, setText] = useState('')
  const [files, setFiles] = useState<readonly { readonly name: string; readonly text: string }[]>([])
  const [isCut, setCut] = useState(false)
  const [answer, setAnswer] = useState<ExplainAnswer>()
  const [error, setError] = useState<ApiError>()
  const [isBusy, setBusy] = useState(false)
  const requested = useRef(0)
  const isEmpty = text.trim() === '' && files.length === 0
  const explain = async (): Promise<void> => {
    const round = ++requested.current
    setBusy(true)
    setError(undefined)
    const texts = [
      ...(text.trim() === '' ? [] : [{ name: say.pasted, text: text.slice(-maxCharacters) }]),
      ...files,
    ]
    try {
      const found = await getJson<ExplainAnswer>('/hadal/explain', { body: { texts } })
      if (round === requested.current) setAnswer(found)
    } catch (thrown) {
      if (round === requested.current)
        setError(thrown instanceof ApiError ? thrown : new ApiError(0, 'unexpected', String(thrown)))
    }
    setBusy(false)
  }
  const add = async (chosen: readonly File[]): Promise<void> => {
    const taken = chosen.slice(0, maxFiles)
    setCut(taken.length < chosen.length || sizeOf(taken) > maxCharacters)
    setFiles(await readFiles(taken, maxCharacters))
  }
  const clear = (): void => {
    requested.current += 1
    setText('')
    setFiles([])
    setCut(false)
    setAnswer(undefined)
    setError(undefined)
  }
  return (
    <div className="ops-stack">
      <Card title={say.explainTitle} lead={say.explainLead}>
        <TextField
          label={say.log}
          rows={10}
          isCode
          value={text}
          onChange={setText}
          placeholder={say.placeholder}
        />
        <div className="row">
          <Button kind="primary" isBusy={isBusy} isDisabled={isEmpty} onPress={() => void explain()}>
            {say.explainButton}
          </Button>
          <TextFileInput label={say.chooseFiles} onFiles={add} />
          {files.length > 0 && <span className="soft">{say.files(files.length)}</span>}
          <span className="spacer" />
          {!isEmpty && (
            <Button kind="quiet" onPress={clear}>
              {say.clear}
            </Button>
          )}
        </div>
        {(isCut || text.length > maxCharacters) && <Notice tone="warn">{say.tooLong}</Notice>}
        {error !== undefined && <ErrorState error={error} />}
      </Card>
      {isBusy && answer === undefined && <Skeleton lines={8} />}
      {answer !== undefined && <ExplanationView answer={answer} />}
    </div>
  )
}

const maxFiles = 19
