# ktl_embed_jail(OUT FILE): writes OUT, a C++ file with the policy FILE as ktl::builder::kJailPolicy,
# so that nobody can put another one beside an installed ktl.
function(ktl_embed_jail OUT FILE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${FILE})
  file(READ ${FILE} _policy)
  file(WRITE ${OUT}.part "#include \"builder/jail_policy.h\"\n\nnamespace ktl::builder {\n\nconst char* const kJailPolicy = R\"ktl-policy(${_policy})ktl-policy\";\n\n}  // namespace ktl::builder\n")
  configure_file(${OUT}.part ${OUT} COPYONLY)
endfunction()
