/** Progress events while a model is found and downloaded. */

export type ModelProgress =
  /** Listing the files of a repository on the hub. */
  | { readonly type: 'listing'; readonly source: string }
  /** The reference was ambiguous and one of several models was chosen. */
  | { readonly type: 'chosen'; readonly file: string; readonly among: number }
  /** For a model in several files: their total, before the first download. */
  | {
      readonly type: 'planned'
      readonly folder: string
      readonly fileCount: number
      readonly totalBytes: number
      /** Size of the files that are already complete. */
      readonly presentBytes: number
    }
  /** A complete file is read again. */
  | { readonly type: 'verifying'; readonly file: string; readonly totalBytes: number }
  /** Another process is downloading the same model. */
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
      /** By this process, since the start of the file's download. */
      readonly bytesPerSecond: number
    }
  | { readonly type: 'retrying'; readonly file: string; readonly reason: string; readonly waitMillis: number }
  /** Complete; `checked`: whether there was a checksum to compare with. */
  | { readonly type: 'finished'; readonly file: string; readonly sha256: string; readonly checked: boolean }

export type OnModelProgress = (event: ModelProgress) => void
