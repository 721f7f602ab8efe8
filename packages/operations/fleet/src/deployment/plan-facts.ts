/** Inputs of a plan besides the settings, gathered by the caller because a plan performs no I/O. */

export interface DeploymentFacts {
  /** Bytes of models whose files are here, by the model as the config names it. */
  readonly modelBytes?: Readonly<Record<string, number>>
  /** Source of chat templates whose files are here, by the path as the config names it. */
  readonly chatTemplates?: Readonly<Record<string, string>>
  /** What `hadal bench coldstart` measured. */
  readonly coldStart?: { readonly model: string; readonly millis: number }
}
