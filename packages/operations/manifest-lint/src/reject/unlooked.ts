/**
 * Fields that an API server does not validate although errors appear later: it does not validate the pods of a StatefulSet, and
 * checks custom resources only against their schema. Issues rejected elsewhere are only unsafe there.
 */

import type { Issue, LintObject } from '@hadal/fleet'
import type { LintRule } from '../lint-rule.ts'
import { kindSchema } from '../schemas/schema-table.ts'

/** The schema and the keys of lists are looked at everywhere. */
const everywhere = /^(duplicate_|unknown_|removed_|wrong_type|immutable_field|unchecked_kind|bad_duration)/
/** Fields that are keys of lists: without one nothing can be merged. */
const keys = /\b(name|containerPort|devicePath|ip|topologyKey|whenUnsatisfiable)\b/

/** The rule, with issues in such fields downgraded to harmful. `schemaOnly`: it only checks the schema. */
export function asServerLooks(rule: LintRule, schemaOnly = false): LintRule {
  return (object, context) =>
    rule(object, context).map((issue) =>
      issue.severity === 'rejected' && isUnlooked(object, issue, schemaOnly)
        ? { ...issue, severity: 'harmful' }
        : issue,
    )
}

function isUnlooked({ manifest }: LintObject, { rule, path, reason }: Issue, schemaOnly: boolean): boolean {
  if (everywhere.test(rule)) return rule === 'unknown_volume' && isOfStatefulSet(manifest, path)
  if (isOfStatefulSet(manifest, path)) {
    if (rule === 'bad_restart_policy' || path.includes('activeDeadlineSeconds')) return false
    return schemaOnly ? rule === 'bad_value' || (rule === 'missing_field' && !keys.test(reason)) : true
  }
  // The definition of ScaledObjects compares these two itself (since KEDA 2.18).
  if (manifest.kind === 'ScaledObject' && / is above maxReplicaCount /.test(reason)) return false
  const schema = kindSchema(manifest.apiVersion, manifest.kind)
  return !schemaOnly && schema?.isBuiltIn === false && path.length > 0 && path[0] !== 'metadata'
}

function isOfStatefulSet(manifest: LintObject['manifest'], path: Issue['path']): boolean {
  if (manifest.kind !== 'StatefulSet' || manifest.apiVersion !== 'apps/v1' || path[0] !== 'spec') return false
  return path[1] === 'volumeClaimTemplates' || (path[1] === 'template' && path[2] === 'spec')
}
