#ifndef GOPM_CUNITS_H
#define GOPM_CUNITS_H

/// The text of a file of `Units/`, with its placeholders. Static memory, ends with NUL.
const char *_Nonnull gopm_unit_of_system(void);
const char *_Nonnull gopm_unit_of_user(void);
const char *_Nonnull gopm_unit_of_mcp(void);

#endif
