s/kLibraryRevision/(kLibraryRevision + 1)/
s/return source;/return source + "redis.register_function('h1_next', function() return 1 end)\\n";/
