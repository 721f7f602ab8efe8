/** What happens while a model is found and downloaded; nothing of it is silent. */

export type ModelProgress =
  /** The hub is asked which files a repository has. */
  | { readonly type: 'listing'; readonly source: string }
  /** The reference left it open which of several models is meant. */
  | { readonly type: 'chosen'; readonly file: string; readonly among: number }
  /** Of a model in several files: all that belongs to it, before the first of them is asked for. */
  | {
      readonly type: 'planned'
      readonly folder: string
      readonly fileCount: number
      readonly totalBytes: number
      /** Of files that are complete. */
      readonly presentBytes: number
    }
  /** A file that is complete is read once more. */
  | { readonly type: 'verifying'; readonly file: string; readonly totalBytes: number }
  /** Another process downloads the same model. */
  | { readonly type: 'waiting'; readonly pid: number }
  | {
      readonly type: 'started'
      readonly file: string
      readonly fileNumber: number
      readonly fileCount: number
      readonly totalBytes: number | undefined
      /** From an earlier attempt. */
      readonly resumedBytes: number
    }
  | {
      readonly type: 'received'
      readonly file: string
      readonly receivedBytes: number
      readonly totalBytes: number | undefined
      /** Of this process, since the download of the file started. */
      readonly bytesPerSecond: number
    }
  | { readonly type: 'retrying'; readonly file: string; readonly reason: string; readonly waitMillis: number }
  /** Complete; `checked` says whether there was a checksum to compare with. */
  | { readonly type: 'finished'; readonly file: string; readonly sha256: string; readonly checked: boolean }

export type OnModelProgress = (event: ModelProgress) => void
