{{/* What engines and the jobs of the configuration have in common. */}}

{{- define "hongyan.pod.security" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "hongyan.container.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "hongyan.env" -}}
- name: HONGYAN_REDIS
  value: {{ include "hongyan.redisUrl" . | quote }}
{{- with .Values.http.billingToken }}
{{- if .secret }}
- name: HONGYAN_BILLING_TOKEN
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}
{{- end }}
{{- end }}
{{- with .Values.vaultKey }}
{{- if .secret }}
- name: HONGYAN_VAULT_KEY
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}}}
{{- end }}
{{- end }}
{{- range $name, $from := .Values.secretEnv }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $from.secret }}, key: {{ $from.key }}}}
{{- end }}
{{- end }}

{{- define "hongyan.mounts" -}}
- {name: config, mountPath: /etc/hongyan/hongyan.toml, subPath: hongyan.toml, readOnly: true}
{{- if include "hongyan.redisSecrets" . }}
- {name: redis, mountPath: /etc/hongyan/redis, readOnly: true}
{{- end }}
{{- range $name, $_ := .Values.secretFiles }}
- {name: secret-{{ $name }}, mountPath: /etc/hongyan/secrets/{{ $name }}, readOnly: true}
{{- end }}
{{- end }}

{{/* (list $ "name of the ConfigMap") */}}
{{- define "hongyan.volumes" -}}
{{- $ := index . 0 -}}
- name: config
  configMap: {name: {{ index . 1 }}}
{{- with include "hongyan.redisSecrets" $ }}
- name: redis
  projected:
    defaultMode: 0440
    sources:
      {{- . | nindent 6 }}
{{- end }}
{{- range $name, $secret := $.Values.secretFiles }}
- name: secret-{{ $name }}
  secret: {secretName: {{ $secret }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{- define "hongyan.redisSecrets" -}}
{{- with .Values.redis }}
{{- if .password.secret }}
- secret: {name: {{ .password.secret }}, items: [{key: {{ .password.key }}, path: password}]}
{{- end }}
{{- if .ca.secret }}
- secret: {name: {{ .ca.secret }}, items: [{key: {{ .ca.key }}, path: ca.crt}]}
{{- end }}
{{- if .certificate.secret }}
- secret: {name: {{ .certificate.secret }}, items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]}
{{- end }}
{{- end }}
{{- end }}

{{/* {"NAME of a Secret": ["key that is needed", ...]} of all that values name */}}
{{- define "hongyan.secrets" -}}
{{- $all := dict }}
{{- $named := concat (list .Values.vaultKey .Values.http.billingToken .Values.redis.password .Values.redis.ca) (values .Values.secretEnv) }}
{{- with .Values.redis.certificate.secret }}{{ $named = concat $named (list (dict "secret" . "key" "tls.crt") (dict "secret" . "key" "tls.key")) }}{{ end }}
{{- range $named }}
{{- if .secret }}{{ $_ := set $all .secret (append (get $all .secret | default list) .key | uniq) }}{{ end }}
{{- end }}
{{- range .Values.secretFiles }}{{ $_ := set $all . (get $all . | default list) }}{{ end }}
{{- toJson $all }}
{{- end }}

{{/* Changes with the contents of the Secrets, where helm can look into the cluster. */}}
{{- define "hongyan.secretsChecksum" -}}
{{- $contents := list }}
{{- if .Values.checkSecrets }}
{{- range $name := keys (include "hongyan.secrets" . | fromJson) | sortAlpha }}
{{- $contents = append $contents (lookup "v1" "Secret" $.Release.Namespace $name | dig "data" dict | toJson) }}
{{- end }}
{{- end }}
{{- toJson $contents | sha256sum }}
{{- end }}
