export type { Accounts, Admission, AdmissionRequest, Caller, SettledUsage } from './accounts.ts'
export {
  type Administration,
  type AdministrationOptions,
  type KeyWithUsage,
  type LimitChanges,
  openAdministration,
} from './administer.ts'
export type { UsageQuery, UsageSum } from './database/ledger.ts'
export { defaultJournalDir } from './default-journal-dir.ts'
export type { Budget, KeyLimits, KeyRecord } from './key-record.ts'
export { type AccountsOptions, openAccounts } from './open-accounts.ts'
export type { Price, PriceTable } from './price.ts'
export { monthOf } from './usage-event.ts'
