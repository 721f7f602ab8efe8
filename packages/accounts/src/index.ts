export type { Accounts, Admission, AdmissionRequest, Caller, SettledUsage } from './accounts.ts'
