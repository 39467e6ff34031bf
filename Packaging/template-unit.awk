# Makes of a unit for one user, which `gopm install` fills in, the template for any: of gopm.service gopm@.service, where
# gopm@alice runs alice's programs. `name` is that of the unit without its ending. Home and programs follow from the user,
# so what names them goes, with the comment before it.

FNR == 1 {
    print "# " (name == "gopm" ? "The service of gopm" : "The MCP server of gopm") \
        " for the user after the @:  systemctl enable --now " name "@alice"
    print "# Changes of yours belong in a drop-in (systemctl edit " name "@alice)."
    isHeading = 1
}
isHeading && /^#/ { next }
{ isHeading = 0 }

/^#/ { comment = comment $0 "\n"; next }
# A template can't name the home, which has to stay writable.
/@HOME@|@PROGRAMS@|^ProtectHome=/ { comment = ""; next }
{
    sub(/^Description=.*/, "&, user %i")
    sub(/^After=gopm.service/, "After=gopm@%i.service")
    sub(/^ProtectSystem=strict/, "ProtectSystem=full")
    gsub(/"@BINDIR@\//, "\"" binaries "/")
    gsub(/@USER@/, "%i")
    printf "%s%s\n", comment, $0
    comment = ""
}
