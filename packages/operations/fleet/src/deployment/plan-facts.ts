/** What a plan is made from beside the settings: found out by whoever asks for it, since a plan looks at nothing itself. */

export interface DeploymentFacts {
  /** Bytes of models whose files are here, by the model as the config names it. */
  readonly modelBytes?: Readonly<Record<string, number>>
  /** Source of chat templates whose files are here, by the path as the config names it. */
  readonly chatTemplates?: Readonly<Record<string, string>>
  /** What `hadal bench coldstart` measured. */
  readonly coldStart?: { readonly model: string; readonly millis: number }
}
