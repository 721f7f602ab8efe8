/** Queries of the reading thread, one row each. Dependencies are loaded on demand. */

import type { Terminal } from '@hadal/output'
import type {
  AlertsAnswer,
  DeployAnswer,
  DeployDiffAnswer,
  DeployDiffQuery,
  DeployFileQuery,
  DeployQuery,
  DeployText,
  ExplainAnswer,
  ExplainRequest,
  LintAnswer,
  LintRequest,
  RunbookAnswer,
  ScalingAnswer,
} from '@hadal/protocol'
import type { OfConfig } from './of-config.ts'

export interface Questions {
  describe(given: DeployQuery & OfConfig, terminal: Terminal): Promise<DeployAnswer>
  file(given: DeployFileQuery & OfConfig, terminal: Terminal): Promise<DeployText | undefined>
  diff(given: DeployDiffQuery & OfConfig, terminal: Terminal): Promise<DeployDiffAnswer>
  lint(given: LintRequest, terminal: Terminal): Promise<LintAnswer>
  scaling(given: OfConfig, terminal: Terminal): Promise<ScalingAnswer>
  alerts(given: OfConfig, terminal: Terminal): Promise<AlertsAnswer>
  runbook(given: { readonly alert: string }, terminal: Terminal): Promise<RunbookAnswer | undefined>
  explain(given: ExplainRequest, terminal: Terminal): Promise<ExplainAnswer>
}

export type QuestionName = keyof Questions

export const questions: Questions = {
  describe: async (given, terminal) =>
    (await import('../deploy/describe-deployment.ts')).describeDeployment(given, terminal),
  file: async (given, terminal) =>
    (await import('../deploy/describe-deployment.ts')).renderedFile(given, terminal),
  diff: async (given, terminal) =>
    (await import('../deploy/diff-deployment.ts')).diffDeployment(given, terminal),
  lint: async ({ files }) => (await import('../deploy/lint-answer.ts')).lintAnswer(files),
  scaling: async (given, terminal) =>
    (await import('../scaling/scaling-in-cluster.ts')).scalingInCluster(given, terminal),
  alerts: async (given, terminal) =>
    (await import('../alerts/read-alerts.ts')).readAlerts(given, terminal),
  runbook: async ({ alert }) => (await import('../alerts/runbook-of.ts')).runbookOf(alert),
  explain: async ({ texts }) => (await import('../doctor/explain-texts.ts')).explainTexts(texts),
}
