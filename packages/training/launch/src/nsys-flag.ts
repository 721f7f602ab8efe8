/** Command-line flags for Nsight Systems: for the process that starts the run, not for the recipe. Pure. */

export interface NsysFlag {
  readonly isRequested: boolean
  /** The command line without it. */
  readonly rest: readonly string[]
}

/** Flags behind `--` are the recipe's own. */
export function takeNsysFlag(args: readonly string[]): NsysFlag {
  const end = args.indexOf('--')
  const rest = args.filter((arg, at) => arg !== '--nsys' || (end >= 0 && at > end))
  return { isRequested: rest.length < args.length, rest }
}
