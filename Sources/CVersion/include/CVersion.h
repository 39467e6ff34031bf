#ifndef GOPM_CVERSION_H
#define GOPM_CVERSION_H

/// The text of `version.txt` at the root of the repository, with its line end. Static memory, ends with NUL.
const char *_Nonnull gopm_version_text(void);

#endif
