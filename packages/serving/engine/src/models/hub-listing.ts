/** Parses a hub's file listing of a repository. Pure; the input is untrusted. */

export interface HubFile {
  /** Path within the repository; none leads out of it. */
  readonly path: string
  readonly size: number
  /** For files in large-file storage, such as models; */
  readonly sha256?: string
  /** for all others, the git blob id. */
  readonly gitBlob?: string
}

/** The files among the entries of a listing; other entries are ignored. */
export function readHubFiles(entries: readonly unknown[]): HubFile[] {
  return entries.flatMap((entry) => {
    const { type, path, size, oid, lfs } = Object(entry) as Record<string, unknown>
    if (type !== 'file' || !isPlainPath(path)) return []
    const { oid: lfsOid, size: lfsSize } = Object(lfs) as Record<string, unknown>
    const bytes = lfsSize ?? size
    if (!Number.isInteger(bytes) || (bytes as number) < 0) return []
    const sha256 = hexadecimal(lfsOid, /^(?:sha256:)?([0-9a-f]{64})$/)
    // For files in large-file storage, the git id is that of a pointer.
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

/** The limit of most file systems, in bytes. */
const longestName = 255
const longestPath = 1024

/** Relative, and never outside its folder, on any system. */
function isPlainPath(path: unknown): path is string {
  if (typeof path !== 'string' || path.length > longestPath) return false
  if (/[\\\u0000-\u001f\u007f]/.test(path)) return false
  return path.split('/').every((name) => !isStep(name) && Buffer.byteLength(name) <= longestName)
}

/** Windows drops trailing dots and blanks of a name: these would become empty, or lead out of the folder. */
const isStep = (name: string): boolean => /^[. ]*$/.test(name)
