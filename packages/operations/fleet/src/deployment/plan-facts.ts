/** Inputs of a plan besides the settings, gathered by the caller because a plan performs no I/O. */

export interface DeploymentFacts {
  /** Bytes of models whose files are local, keyed by the model as named in the config. */
  readonly modelBytes?: Readonly<Record<string, number>>
  /** Source of chat templates whose files are local, keyed by the path in the config. */
  readonly chatTemplates?: Readonly<Record<string, string>>
  /** What `hadal bench coldstart` measured. */
  readonly coldStart?: { readonly model: string; readonly millis: number }
}
