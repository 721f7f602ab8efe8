/** A file picker button. Files are read locally. */

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
