{{/* hongyan.toml. Not by toToml, which writes whole numbers of a values file as 25.0. */}}

{{- define "hongyan.toml.key" -}}
{{ if regexMatch "^[A-Za-z0-9_-]+$" . }}{{ . }}{{ else }}{{ toJson . }}{{ end }}
{{- end }}

{{- define "hongyan.toml.value" -}}
{{- if kindIs "map" . -}}
{ {{ range $i, $key := keys . | sortAlpha }}{{ if $i }}, {{ end }}{{ include "hongyan.toml.key" $key }} = {{ include "hongyan.toml.value" (get $ $key) }}{{ end }} }
{{- else if kindIs "slice" . -}}
[{{ range $i, $one := . }}{{ if $i }}, {{ end }}{{ include "hongyan.toml.value" $one }}{{ end }}]
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{ printf "%.0f" . }}
{{- else -}}
{{ toRawJson . }}
{{- end }}
{{- end }}

{{/* (list "[dns]" map) */}}
{{- define "hongyan.toml.table" }}
{{ index . 0 }}
{{- range $key, $value := index . 1 }}
{{ include "hongyan.toml.key" $key }} = {{ include "hongyan.toml.value" $value }}
{{- end }}
{{ end }}

{{- define "hongyan.redisUrl" -}}
{{- $r := .Values.redis }}
{{- $options := list }}
{{- if $r.password.secret }}{{ $options = append $options "password_file=/etc/hongyan/redis/password" }}{{ end }}
{{- if $r.ca.secret }}{{ $options = append $options "ca=/etc/hongyan/redis/ca.crt" }}{{ end }}
{{- if $r.certificate.secret }}{{ $options = concat $options (list "cert=/etc/hongyan/redis/tls.crt" "key=/etc/hongyan/redis/tls.key") }}{{ end }}
{{- if $r.bundled.enabled }}redis://{{ include "hongyan.name" . }}-redis:6379
{{- else }}{{ regexReplaceAll "^(rediss?://)" $r.url (printf "${1}%s" (ternary (printf "%s@" (urlquery $r.user)) "" (not (empty $r.user)))) | trimSuffix "/" }}
{{- end }}
{{- with $options }}/?{{ join "&" . }}{{ end }}
{{- end }}

{{/* Sources with `pods` turned into the engines' ids. */}}
{{- define "hongyan.sources" -}}
{{- $sources := deepCopy (.Values.config.source | default dict) }}
{{- range $source := values $sources }}
{{- if hasKey $source "pods" }}
{{- $engines := list }}
{{- range $source.pods }}{{ $engines = append $engines (printf "%s-%d" (include "hongyan.name" $) (int .)) }}{{ end }}
{{- $_ := set (unset $source "pods") "engines" $engines }}
{{- end }}
{{- end }}
{{- toJson $sources }}
{{- end }}

{{- define "hongyan.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $_ := set $config "engine" (merge (dict "id" "env:HONGYAN_ENGINE_ID") ($config.engine | default dict)) }}
{{- $_ := set $config "redis" (dict "url" (include "hongyan.redisUrl" .)) }}
{{- $http := merge (dict "listen" (printf "0.0.0.0:%d" (int .Values.http.port))) ($config.http | default dict) }}
{{- if .Values.http.billingToken.secret }}{{ $_ := set $http "bearer_token" "env:HONGYAN_BILLING_TOKEN" }}{{ end }}
{{- $_ := set $config "http" $http }}
{{- $_ := set $config "source" (include "hongyan.sources" . | fromJson) -}}
# Written by the chart from `config` of its values.
{{- range $table, $value := $config }}
{{- if kindIs "slice" $value }}
{{- range $value }}{{ include "hongyan.toml.table" (list (printf "[[%s]]" $table) .) }}{{ end }}
{{- else if has $table (list "source" "channel" "tenant" "provider" "oauth2") }}
{{- range $name, $one := $value }}
{{- include "hongyan.toml.table" (list (printf "[%s.%s]" $table (include "hongyan.toml.key" $name)) $one) }}
{{- end }}
{{- else }}
{{- include "hongyan.toml.table" (list (printf "[%s]" $table) $value) }}
{{- end }}
{{- end }}
{{- end }}
