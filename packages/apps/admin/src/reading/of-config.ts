/** The config file from `--config`; absent: the default one. */
export interface OfConfig {
  readonly config?: string | undefined
}
