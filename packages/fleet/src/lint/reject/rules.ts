/** Everything that an API server of 1.33 would refuse, as rules. */

import type { LintRule } from '../finding.ts'
import { fieldsRule } from './fields.ts'
import { kindsRule } from './kinds.ts'

export const rejectionRules: readonly LintRule[] = [kindsRule, fieldsRule]
