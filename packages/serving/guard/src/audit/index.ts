export { type AuditEntry, type AuditQuery, type AuditRecord, digestOf } from './audit-record.ts'
export { type Audit, type AuditOptions, openAudit } from './open-audit.ts'
