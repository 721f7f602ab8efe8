/** Corrections to the packages where an API server of 1.33 differs. Each was verified in the server's code. */

export const newerThanServer: { readonly kinds: readonly string[]; readonly fields: ReadonlySet<string> } = {
  kinds: [
    'resource.k8s.io/v1/',
    'internal.apiserver.k8s.io/',
    'storagemigration.k8s.io/',
    'certificates.k8s.io/v1alpha1/PodCertificateRequest',
  ],
  fields: new Set([
    'V1Container.restartPolicyRules',
    'V1EphemeralContainer.restartPolicyRules',
    'V1EnvVarSource.fileKeyRef',
    'V1PodSpec.hostnameOverride',
    'V1VolumeProjection.podCertificate',
  ]),
}

/** Required by the published schema, and yet the server fills them in or takes none. */
export const filledIn: ReadonlySet<string> = new Set([
  'CoreV1Event.involvedObject',
  'CoreV1Event.metadata',
  'EventsV1Event.eventTime',
  'V1ControllerRevision.revision',
  'V1CustomResourceConversion.strategy',
  'V1CustomResourceDefinitionVersion.served',
  'V1CustomResourceDefinitionVersion.storage',
  'V1EndpointSlice.endpoints',
  'V1HTTPHeader.value',
  'V1ISCSIPersistentVolumeSource.lun',
  'V1ISCSIVolumeSource.lun',
  'V1LimitRangeSpec.limits',
  'V1PodFailurePolicyOnPodConditionsPattern.status',
  'V1PreferredSchedulingTerm.preference',
  'V1PriorityClass.value',
  'V1RoleRef.apiGroup',
  'V1SleepAction.seconds',
  'V1Sysctl.value',
])
