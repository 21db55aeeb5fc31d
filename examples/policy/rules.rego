package ktl.build

deny contains {
	"rule": "no-latest",
	"message": sprintf("%s has no version", [source.ref]),
	"line": source.line,
	"edit": "name a version, or a digest",
} if {
	input.stage == "prepare"
	some source in input.plan.sources
	endswith(source.ref, ":latest")
}
