{{- define "hongyan.name" -}}
{{- if contains "hongyan" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-hongyan{{ end }}
{{- end }}

{{/* (list $ "engine"): what a selector may hold, so it never changes */}}
{{- define "hongyan.selector" -}}
app.kubernetes.io/name: hongyan
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "hongyan.labels" -}}
{{ include "hongyan.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: hongyan-{{ (index . 0).Chart.Version }}
{{- end }}

{{- define "hongyan.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* The most pods there may be: what a source may be bound to. */}}
{{- define "hongyan.most" -}}
{{ ternary .Values.keda.maxReplicas .Values.replicas .Values.keda.enabled | int }}
{{- end }}

{{/* "90s", "2m" in whole seconds, rounded up; nothing for what is no length of time */}}
{{- define "hongyan.seconds" -}}
{{- if regexMatch "^[0-9]+(ms|s|m|h)$" (toString .) }}
{{- $count := regexFind "^[0-9]+" . | int64 }}
{{- $unit := regexFind "[a-z]+$" . }}
{{- if eq $unit "ms" }}{{ div (add $count 999) 1000 }}{{ else }}{{ mul $count (dict "s" 1 "m" 60 "h" 3600 | dig $unit 1) }}{{ end }}
{{- end }}
{{- end }}

{{/* "10Gi" in Mi; nothing for what is written otherwise */}}
{{- define "hongyan.mebibytes" -}}
{{- if regexMatch "^[0-9]+[MGT]i$" (toString .) }}
{{- mul (regexFind "^[0-9]+" . | int64) (dict "Mi" 1 "Gi" 1024 "Ti" 1048576 | dig (regexFind "..$" .) 1) }}
{{- end }}
{{- end }}

{{/* The port of "ip:port", or nothing */}}
{{- define "hongyan.port" -}}
{{- regexFind "[0-9]+$" (toString .) }}
{{- end }}

{{/* Those who come in from outside need the time to learn that this pod is going. */}}
{{- define "hongyan.preStop" -}}
{{ ternary 5 0 (or (dig "public" "listen" "" .Values.config) (dig "inbound" "listen" "" .Values.config) | empty | not) }}
{{- end }}

{{/* Past the drain: what is left is written and closed. */}}
{{- define "hongyan.leastGrace" -}}
{{ add (include "hongyan.preStop" .) (include "hongyan.seconds" (dig "engine" "drain_timeout" "30s" .Values.config) | int) 15 }}
{{- end }}
