# Makes of the unit for one user, which `gopm install` fills in, the template gopm@.service for any: gopm@alice runs
# alice's programs. Home and programs follow from the user, so what names them goes, with the comment before it.

FNR == 1 {
    print "# The service of gopm for the user after the @:  systemctl enable --now gopm@alice"
    print "# Changes of yours belong in a drop-in (systemctl edit gopm@alice)."
    isHeading = 1
}
isHeading && /^#/ { next }
{ isHeading = 0 }

/^#/ { comment = comment $0 "\n"; next }
/@HOME@|@PROGRAMS@/ { comment = ""; next }
{
    sub(/^Description=.*/, "&, user %i")
    gsub(/"@BINDIR@\//, "\"" binaries "/")
    gsub(/@USER@/, "%i")
    printf "%s%s\n", comment, $0
    comment = ""
}
