export type { AuditEntry, AuditQuery, AuditRecord } from './audit-record.ts'
export { guardAuditUnusable, guardSqliteMissing } from './errors.ts'
export { type Audit, type AuditOptions, openAudit } from './open-audit.ts'
