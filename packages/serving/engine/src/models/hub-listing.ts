/** Reads what a hub says of the files of a repository. Pure; trusts nothing of it. */

export interface HubFile {
  /** In the repository: names with slashes between them, of which none leads out of it. */
  readonly path: string
  readonly size: number
  /** Of files in large-file storage, as models are; */
  readonly sha256?: string
  /** of all others the id that git gives them. */
  readonly gitBlob?: string
}

/** The files among the entries of a listing; whatever else is in it is left out. */
export function readHubFiles(entries: readonly unknown[]): HubFile[] {
  return entries.flatMap((entry) => {
    const { type, path, size, oid, lfs } = Object(entry) as Record<string, unknown>
    if (type !== 'file' || !isPlainPath(path)) return []
    const { oid: lfsOid, size: lfsSize } = Object(lfs) as Record<string, unknown>
    const bytes = lfsSize ?? size
    if (!Number.isInteger(bytes) || (bytes as number) < 0) return []
    const sha256 = hexadecimal(lfsOid, /^(?:sha256:)?([0-9a-f]{64})$/)
    // Of what is in large-file storage, git itself knows only a pointer.
    const gitBlob = lfs ? undefined : hexadecimal(oid, /^([0-9a-f]{40})$/)
    return [
      {
        path,
        size: bytes as number,
        ...(sha256 !== undefined && { sha256 }),
        ...(gitBlob !== undefined && { gitBlob }),
      },
    ]
  })
}

const hexadecimal = (value: unknown, pattern: RegExp): string | undefined =>
  typeof value === 'string' ? pattern.exec(value)?.[1] : undefined

/** As most file systems have it, in bytes. */
const longestName = 255
const longestPath = 1024

/** Relative, and nowhere out of the folder it is put into, on any system. */
function isPlainPath(path: unknown): path is string {
  if (typeof path !== 'string' || path.length > longestPath) return false
  if (/[\\\u0000-\u001f\u007f]/.test(path)) return false
  return path.split('/').every((name) => !isStep(name) && Buffer.byteLength(name) <= longestName)
}

/** Windows leaves out dots and blanks at the end of a name: of these nothing would stay, or a step out of the folder. */
const isStep = (name: string): boolean => /^[. ]*$/.test(name)
