module github.com/offshelf/offshelf

go 1.26
