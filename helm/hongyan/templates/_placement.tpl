{{/* Where engines run. */}}
{{- define "hongyan.placement" -}}
{{- if .Values.hostNetwork -}}
hostNetwork: true
dnsPolicy: ClusterFirstWithHostNet
{{ end -}}
{{- with .Values.nodeSelector -}}
nodeSelector: {{- toYaml . | nindent 2 }}
{{ end -}}
{{- with .Values.tolerations -}}
tolerations: {{- toYaml . | nindent 2 }}
{{ end -}}
{{- with .Values.priorityClassName -}}
priorityClassName: {{ . }}
{{ end -}}
{{- $affinity := deepCopy .Values.affinity }}
{{- if eq .Values.identity "node" }}
{{- $alone := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "hongyan.selector" (list . "engine") | fromYaml)) }}
{{- $anti := $affinity.podAntiAffinity | default dict }}
{{- $_ := set $anti "requiredDuringSchedulingIgnoredDuringExecution" (append ($anti.requiredDuringSchedulingIgnoredDuringExecution | default list) $alone) }}
{{- $_ := set $affinity "podAntiAffinity" $anti }}
{{- end }}
{{- with $affinity -}}
affinity: {{- toYaml . | nindent 2 }}
{{ end -}}
{{- if .Values.topologySpread.enabled -}}
topologySpreadConstraints:
  {{- range .Values.topologySpread.keys }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels: {{- include "hongyan.selector" (list $ "engine") | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The lowest port that is listened on, when only root may open it; else nothing */}}
{{- define "hongyan.lowPorts" -}}
{{- $lowest := 1024 }}
{{- range list "public" "inbound" }}
{{- with dig . "listen" "" $.Values.config }}{{ $lowest = min $lowest (include "hongyan.port" . | int) }}{{ end }}
{{- end }}
{{- if lt (int $lowest) 1024 }}{{ $lowest }}{{ end }}
{{- end }}
