# Manual pages from what the program says of itself: `tarsier --experimental-dump-help`, and $settings from `tarsier config show --json`.
# jq -r --arg page 1|5 --slurpfile settings FILE -f pages.jq
def text: gsub("\\\\"; "\\e") | gsub("`(?<w>[^`]*)`"; "\(.w)") | gsub("-"; "\\-") | split("\n")
    | map(if test("^[.']") then "\\&" + . else . end) | join("\n");
# A macro's argument, whatever is in it.
def arg: "\"" + (gsub("\\\\"; "\\e") | gsub("\""; "\\(dq") | gsub("-"; "\\-")) + "\"";
# Sentences begin lines, as mdoc wants them.
def prose: text | gsub("(?<a>[a-z)0-9]\\.) (?<b>[A-Z])"; "\(.a)\n\(.b)");
def named: .preferredName.name;
def flagname: (if .preferredName.kind == "long" then "-" else "" end) + named;
def is_setting: (.sectionTitle // "") | startswith("Settings");
def shown: (.arguments // []) | map(select(.shouldDisplay and named != "help" and named != "version"));
def item:
    if .kind == "positional" then ".It Ar \(.valueName | arg)\(if .isRepeating then " ..." else "" end)"
    elif .kind == "flag" then ".It Fl \(.names | map((if .kind == "long" then "-" else "" end) + .name | arg) | join(" , Fl "))"
    else ".It Fl \(flagname | arg) Ar \(.valueName | arg)" end,
    ((.abstract // "") | prose),
    (if .defaultValue then "Default: \(.defaultValue | text)." else empty end),
    (if .discussion then .discussion | prose else empty end);
# Examples of a discussion are lines that begin with blanks.
def discussion:
    [splits("\n")] | map(select(test("^ *$") | not))
    | reduce .[] as $line ({out: [], open: false};
        ($line | test("^ ")) as $is
        | if $is and (.open | not) then .out += [".Bd -literal -offset indent", ($line | ltrimstr("  ") | text)] | .open = true
          elif $is then .out += [$line | ltrimstr("  ") | text]
          elif .open then .out += [".Ed", ($line | prose)] | .open = false
          else .out += [".Pp", ($line | prose)] end)
    | .out[], (if .open then ".Ed" else empty end);
def command($path):
    (($path + [.commandName]) | .[1:]) as $names
    | (if (.subcommands // []) | length > 0 then
         (.subcommands[] | select(.commandName != "help") | command($names | ["tarsier"] + .))
       else
         ".Ss \(["tarsier"] + $names | join(" "))",
         (.abstract // "" | prose),
         ([shown[] | select(is_setting | not)] | if length > 0 then ".Bl -tag -width indent", (.[] | item), ".El" else empty end),
         (if any(shown[]; is_setting) then ".Pp\nEvery setting of\n.Xr tarsier.conf 5\nis also a flag.", ".Bl -tag -width indent",
             (shown[] | select(is_setting) | ".It Fl \(flagname | arg) Ar \(.valueName | arg)", (.abstract | prose)), ".El" else empty end),
         (.discussion // "" | discussion)
       end);
.command as $root
| if $page == "1" then $root.subcommands[] | select(.commandName != "help") | command(["tarsier"])
  else
    $root.subcommands[] | select(.commandName == "run") | .arguments[] | select(is_setting)
    | $settings[0][named] as $about
    | ".It Ic \(named | arg) = Ar \(.valueName | arg)", (.abstract | sub(" \\(default: .*\\)$"; "") | prose),
      (if .discussion then .discussion | prose else empty end),
      (if $about.value != "" then "Default:\n.Ql \($about.value | text) ." else empty end),
      (if $about.reload then empty else "A change takes a restart." end)
  end
