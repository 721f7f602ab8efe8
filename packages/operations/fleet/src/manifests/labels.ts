/** Names and labels of objects. Selectors use only immutable labels. */

import { createHash } from 'node:crypto'
import type { Deployment, EnginePlan } from '../deployment/deployment.ts'

export type Labels = Readonly<Record<string, string>>

/** Selector for the objects of one component, used by Services and Deployments. */
export function selectorOf(
  { name }: Pick<Deployment, 'name'>,
  component: 'gateway' | 'engine' | 'scaler',
): Labels {
  return {
    'app.kubernetes.io/name': 'hadal',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/component': component,
  }
}

/** By the engine's name and not by its model: a selector cannot be changed, and another model is to be a rollout like others. */
export function engineSelectorOf(
  deployment: Pick<Deployment, 'name'>,
  engine: Pick<EnginePlan, 'name'>,
): Labels {
  return { ...selectorOf(deployment, 'engine'), 'hadal.dev/engine': engine.name }
}

export function engineLabelsOf(deployment: Deployment, engine: EnginePlan): Labels {
  const selector = engineSelectorOf(deployment, engine)
  return labelsOf(deployment, { ...selector, 'hadal.dev/model': labelValue(engine.modelId) })
}

/** Labels of every object; shared objects have no component. */
export function labelsOf({ name, version }: Deployment, selector: Labels = {}): Labels {
  return {
    'app.kubernetes.io/name': 'hadal',
    'app.kubernetes.io/instance': name,
    ...selector,
    'app.kubernetes.io/version': labelValue(version),
    'app.kubernetes.io/managed-by': 'hadal',
  }
}

/** Longest name of a Service, a label's value and a pod's host name. */
const longest = 63

/** A name plus suffix within the maximum length; a hash keeps a truncated name unique. */
export function nameWith(name: string, suffix: string): string {
  const whole = `${name}-${suffix}`
  if (whole.length <= longest) return whole
  const kept = longest - suffix.length - 10
  return `${name.slice(0, kept).replace(/[^a-z0-9]+$/, '')}-${hashOf(name)}-${suffix}`
}

/** As a label may say it: `org/model:tag` becomes `org-model-tag`. Two texts that differ have values that differ. */
export function labelValue(text: string): string {
  const allowed = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
  if (allowed === text && text.length <= longest) return text
  const kept = allowed.slice(0, longest - 9).replace(/[^A-Za-z0-9]+$/, '')
  return kept === '' ? hashOf(text) : `${kept}-${hashOf(text)}`
}

/** Eight hexadecimal digits of a text's SHA-256. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
