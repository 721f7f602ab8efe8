/** A button that opens the browser's choice of files. What is chosen is read here, and sent nowhere by this. */

import { type ReactNode, useRef } from 'react'
import { Button } from '../../design/index.ts'

export interface TextFileInputProps {
  readonly label: string
  /** `.yaml,.json`; none: any. */
  readonly accept?: string
  readonly isSingle?: boolean
  readonly onFiles: (files: readonly File[]) => void | Promise<void>
}

export function TextFileInput({ label, accept, isSingle = false, onFiles }: TextFileInputProps): ReactNode {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        className="visually-hidden"
        accept={accept}
        multiple={!isSingle}
        aria-label={label}
        tabIndex={-1}
        onChange={({ target }) => {
          void onFiles([...(target.files ?? [])])
          // The same file may be chosen again, after it was changed.
          target.value = ''
        }}
      />
      <Button icon="upload" onPress={() => input.current?.click()}>
        {label}
      </Button>
    </>
  )
}

/** The end of each, so that all together have `mostBytes` at the most. */
export async function readFiles(
  files: readonly File[],
  mostBytes: number,
): Promise<readonly { readonly name: string; readonly text: string }[]> {
  const each = Math.floor(mostBytes / Math.max(1, files.length))
  return Promise.all(
    files.map(async (file) => ({
      name: file.name,
      text: await file.slice(Math.max(0, file.size - each)).text(),
    })),
  )
}
